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
                        Step::Query(sql) => match self.simple_query(&sql).await {
                            Ok(rows) => first_row(rows).map(Answer::Row),
                            Err(error) => Err(refused(error)),
                        },
                        Step::Execute(sql) => {
                            self.batch_execute(&sql).await.map(|()| Answer::Done).map_err(refused)
                        }
                        Step::Copy(sql) => match self.copy_in(&sql).await {
                            Ok(sink) => copy(sink, steps).await.map(|()| Answer::Done),
                            Err(error) => Err(refused(error)),
                        },
                    };
                    answer = done.unwrap_or_else(Answer::Refused);
                }
                Ok(())
            }
        }
    };
}

store!(&Client);
store!(&Transaction<'_>);

async fn copy(sink: CopyInSink<Bytes>, steps: &mut dyn Steps) -> Result<(), StoreError> {
    // A sink that is dropped gives the copy up.
    let mut sink = std::pin::pin!(sink);
    while let Some(rows) = steps.rows()? {
        if sink.send(Bytes::from(rows)).await.is_err() {
            // The server has said why: finishing brings its answer.
            break;
        }
    }
    sink.finish().await.map(|_rows| ()).map_err(refused)
}
