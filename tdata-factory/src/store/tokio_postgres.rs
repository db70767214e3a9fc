//! Through the async client of the crate `tokio_postgres`.

use bytes::Bytes;
use futures_util::SinkExt as _;
use tokio_postgres::{Client, CopyInSink, Transaction};

use super::async_store::AsyncStore;
use super::error::StoreError;
use super::postgres::{first_row, refused};
use super::step::{Answer, Step, Steps};

/// Clients and transactions have the same methods, but no trait for those that are used here.
macro_rules! store {
    ($client:ty) => {
        impl AsyncStore for $client {
            async fn run(self, steps: &mut dyn Steps) -> Result<(), StoreError> {
                let mut answer = Answer::Nothing;
                while let Some(step) = steps.next(answer)? {
                    let done = match step {
                        Step::Query(sql) => {
                            self.simple_query(&sql).await.map(|rows| Answer::row(first_row(rows)))
                        }
                        Step::Execute(sql) => self.batch_execute(&sql).await.map(|()| Answer::Done),
                        Step::Copy { sql, rows } => match self.copy_in(&sql).await {
                            Ok(sink) => copy(sink, rows).await.map(|()| Answer::Done),
                            Err(error) => Err(error),
                        },
                    };
                    answer = done.unwrap_or_else(|error| Answer::Refused(refused(error)));
                }
                Ok(())
            }
        }
    };
}

store!(&Client);
store!(&Transaction<'_>);

async fn copy(sink: CopyInSink<Bytes>, rows: Vec<u8>) -> Result<(), tokio_postgres::Error> {
    let mut sink = std::pin::pin!(sink);
    // When sending fails the server has said why: finishing brings its answer.
    let _ = sink.send(Bytes::from(rows)).await;
    sink.finish().await.map(|_rows| ())
}
