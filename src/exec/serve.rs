//! The supervisor's end of the control socket.
//!
//! Holds no output and no queue that grows: a client is told once per request that there is more
//! (a doorbell), typed bytes wait in 64 KiB and are refused beyond, and a client that does not
//! read its answers is dropped.

use super::dirs;
use super::files;
use super::wire::{Frame, Inbox};
use rustix::event::{PollFd, PollFlags};
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAX_CLIENTS: usize = 32;
const MAX_UNSENT: usize = 16 * 1024;

/// Between two rings for the same client: no screen draws more often, and each ring costs the
/// command a turn of the processor that it could have had.
const PACE: Duration = Duration::from_millis(2);

struct Client {
    stream: UnixStream,
    inbox: Inbox,
    unsent: Vec<u8>,
    armed: Option<u64>,
    /// When it was last rung for.
    rung: Option<Instant>,
    listens: bool,
    gone: bool,
}

/// How somebody waits for output.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Awaited {
    /// Somebody is to hear of whatever comes, at once.
    pub next: bool,
    /// When somebody is to be rung for, or looked at again, at the latest.
    pub at: Option<Instant>,
}

/// Names a client until the next call of [`Server::sweep`].
#[derive(Clone, Copy)]
pub(super) struct ClientId(usize);

/// The listening socket and who has connected.
pub(super) struct Server {
    listener: UnixListener,
    path: PathBuf,
    clients: Vec<Client>,
}

impl Server {
    /// Opens a socket, of the name that a dead supervisor had if one is on record: for that the
    /// evidence directory needs no room. Otherwise of a fresh name, which is recorded there.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let path = dirs::runtime_dir()?.join(format!("{}.sock", fresh_name()?));
        let listener = UnixListener::bind(&path)?;
        let ready = listener
            .set_nonblocking(true)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(0o600)))
            .and_then(|()| named(dir, &path));
        if ready.is_err() {
            let _ = fs::remove_file(&path);
        }
        Ok(Self {
            listener,
            path: ready?,
            clients: Vec::new(),
        })
    }

    /// Takes the socket's name away.
    pub(super) fn close(self) {
        let _ = fs::remove_file(&self.path);
    }

    /// What to wait for.
    pub(super) fn watch<'a>(&'a self, fds: &mut Vec<PollFd<'a>>) {
        fds.push(PollFd::new(&self.listener, PollFlags::IN));
        for client in &self.clients {
            let mut wanted = PollFlags::IN;
            if !client.unsent.is_empty() {
                wanted |= PollFlags::OUT;
            }
            fds.push(PollFd::new(&client.stream, wanted));
        }
    }

    /// How those who are armed wait for more, where there are so many bytes of it.
    pub(super) fn awaits(&self, bytes: u64) -> Awaited {
        let now = Instant::now();
        let armed = self.clients.iter().filter_map(|client| {
            let seen = client.armed.filter(|seen| *seen != u64::MAX)?;
            Some((seen, client.may_ring().unwrap_or(now)))
        });
        let mut awaited = Awaited::default();
        for (seen, may) in armed {
            if may > now || seen < bytes {
                awaited.at = Some(awaited.at.map_or(may, |at| at.min(may)));
            } else {
                awaited.next = true;
            }
        }
        awaited
    }

    /// Lets clients in and reads what they want, in order.
    pub(super) fn requests(&mut self) -> Vec<(ClientId, Frame)> {
        self.accept();
        let mut wanted = Vec::new();
        for (at, client) in self.clients.iter_mut().enumerate() {
            client.flush();
            client.receive();
            while let Some(frame) = client.next() {
                match frame {
                    Frame::Arm(seen) => client.armed = Some(seen),
                    Frame::Listen => {
                        client.listens = true;
                        wanted.push((ClientId(at), Frame::Listen));
                    }
                    other => wanted.push((ClientId(at), other)),
                }
            }
        }
        wanted
    }

    /// Answers a request.
    pub(super) fn answer(&mut self, client: ClientId, number: u32, done: bool) {
        if let Some(client) = self.clients.get_mut(client.0) {
            client.send(&Frame::Ack(number, done));
        }
    }

    /// Tells everybody who listens.
    pub(super) fn tell(&mut self, frame: &Frame) {
        for client in self.clients.iter_mut().filter(|client| client.listens) {
            client.send(frame);
        }
    }

    /// Rings for those who wait for more than they have seen, or for the end.
    pub(super) fn ring(&mut self, bytes: u64, ended: bool) {
        let now = Instant::now();
        for client in &mut self.clients {
            let may = client.may_ring().is_none_or(|at| at <= now);
            if client
                .armed
                .is_some_and(|seen| bytes > seen && may || ended)
            {
                client.armed = None;
                client.rung = Some(now);
                client.send(&Frame::Mark(bytes, ended));
            }
        }
    }

    /// Forgets clients that have gone.
    pub(super) fn sweep(&mut self) {
        self.clients.retain(|client| !client.gone);
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            if self.clients.len() < MAX_CLIENTS
                && is_ours(&stream)
                && stream.set_nonblocking(true).is_ok()
            {
                let inbox = Inbox::default();
                let unsent = Vec::new();
                self.clients.push(Client {
                    stream,
                    inbox,
                    unsent,
                    armed: None,
                    rung: None,
                    listens: false,
                    gone: false,
                });
            }
        }
    }
}

impl Client {
    /// From when on it may be rung for again; none where it never was.
    fn may_ring(&self) -> Option<Instant> {
        self.rung.map(|rung| rung + PACE)
    }

    fn receive(&mut self) {
        let mut buffer = [0; 8192];
        for _ in 0..16 {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.gone = true;
                    return;
                }
                Ok(size) => self.inbox.push(buffer.get(..size).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.gone = true;
                    return;
                }
            }
        }
    }

    fn next(&mut self) -> Option<Frame> {
        let Ok(frame) = self.inbox.next() else {
            self.gone = true;
            return None;
        };
        frame
    }

    fn send(&mut self, frame: &Frame) {
        self.unsent.extend(frame.encode());
        self.flush();
        self.gone |= self.unsent.len() > MAX_UNSENT;
    }

    fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.gone = true;
                    return;
                }
            }
        }
    }
}

/// Only this user (and root) may steer.
fn is_ours(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream)
        .is_ok_and(|peer| peer.uid == rustix::process::getuid() || peer.uid.is_root())
}

/// Gives a socket the name that is on record, or else records the one it has; gives its name.
fn named(dir: &Path, path: &Path) -> io::Result<PathBuf> {
    if let Ok(former) = fs::read(dir.join(files::SOCKET)) {
        let former = Path::new(OsStr::from_bytes(&former));
        if former.parent() == path.parent() && fs::rename(path, former).is_ok() {
            return Ok(former.to_owned());
        }
        let _ = fs::remove_file(former);
    }
    files::replace(dir, files::SOCKET, path.as_os_str().as_bytes())?;
    Ok(path.to_owned())
}

fn fresh_name() -> io::Result<String> {
    let mut bytes = [0; 4];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(format!("{:08x}", u32::from_ne_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server of clients that have seen so many bytes, and their ends of the lines.
    fn served(seen: &[u64]) -> (Server, Vec<UnixStream>, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sock");
        let listener = UnixListener::bind(&path).unwrap();
        let (mut clients, mut ends) = (Vec::new(), Vec::new());
        for seen in seen {
            let (ours, theirs) = UnixStream::pair().unwrap();
            theirs.set_nonblocking(true).unwrap();
            clients.push(Client {
                stream: ours,
                inbox: Inbox::default(),
                unsent: Vec::new(),
                armed: Some(*seen),
                rung: None,
                listens: false,
                gone: false,
            });
            ends.push(theirs);
        }
        let server = Server {
            listener,
            path,
            clients,
        };
        (server, ends, dir)
    }

    fn heard(end: &mut UnixStream) -> bool {
        end.read(&mut [0; 64]).is_ok_and(|size| size > 0)
    }

    #[test]
    fn who_was_just_rung_for_waits_a_little_and_holds_nobody_up() {
        let (mut server, mut ends, _dir) = served(&[0, 10]);
        server.ring(10, false);
        assert_eq!(
            ends.iter_mut().map(heard).collect::<Vec<_>>(),
            [true, false]
        );
        // The first wants more, and there is more; the second has seen all of it.
        server.clients[0].armed = Some(10);
        server.clients[1].armed = Some(20);
        server.clients[0].rung = Some(Instant::now() + Duration::from_mins(1));
        let awaited = server.awaits(20);
        assert_eq!(
            (awaited.next, awaited.at),
            (true, server.clients[0].may_ring())
        );
        server.ring(20, false);
        assert!(!heard(&mut ends[0]), "rung for too soon");
        // Its time has come, and nothing new has: it is rung for all the same.
        server.clients[0].rung = Instant::now().checked_sub(PACE);
        assert!(server.awaits(20).at.is_some_and(|at| at <= Instant::now()));
        server.ring(20, false);
        assert!(heard(&mut ends[0]));
    }

    #[test]
    fn the_end_waits_for_nothing_and_who_waits_for_it_alone_wakes_nobody() {
        let (mut server, mut ends, _dir) = served(&[u64::MAX]);
        assert_eq!(server.awaits(1_000), Awaited::default());
        server.clients[0].rung = Some(Instant::now() + Duration::from_mins(1));
        server.ring(1_000, false);
        assert!(!heard(&mut ends[0]));
        server.ring(1_000, true);
        assert!(heard(&mut ends[0]));
    }
}
