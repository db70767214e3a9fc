//! Connections by which the watcher outside holds a container up, and learns of its end.

use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use tokio_postgres::{Config, NoTls};

use crate::server::shared::{Announcement, WatcherConnections};

/// The name of the connection that holds the server up, which the loop inside knows.
const HOLD: &str = "tdata hold";

/// The name of one that does not.
const LISTENER: &str = "tdata watcher";

/// Connects to a server, for a watcher.
pub(super) async fn connect(server: &Announcement) -> io::Result<WatcherConnections> {
    let hold = connect_as(server, HOLD).await?;
    Ok(WatcherConnections { hold, listener: connect_as(server, LISTENER).await? })
}

/// Connects under a name, and leaves the connection to whoever gets the socket.
async fn connect_as(server: &Announcement, name: &str) -> io::Result<OwnedFd> {
    let Announcement { host, port, user, password, .. } = server;
    let socket = TcpStream::connect((host.as_str(), *port))?;
    let kept = socket.try_clone()?;
    socket.set_nonblocking(true)?;
    let mut config = Config::new();
    config.user(user).password(password).dbname("postgres").application_name(name);
    let socket = tokio::net::TcpStream::from_std(socket)?;
    let connected = config.connect_raw(socket, NoTls).await.map_err(io::Error::other)?;
    // Nobody says goodbye to the server: it is to believe that this end is still there.
    drop(connected);
    kept.set_nonblocking(false)?;
    Ok(kept.into())
}
