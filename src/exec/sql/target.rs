//! Which database: `DATABASE_URL`, the `PG*` variables, the password file, as libpq reads them.
//!
//! Parameters of a URL that libpq does not know (an ORM's `schema=`) are left out and that is
//! said. A password is never part of any message.

use super::named::{CONNECTION_SERVICE, CONNECTION_URL, expand, service};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How long a connection may take, where nothing else is said.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be silent before the server is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// URL parameters that are passed on.
const KNOWN: [&str; 15] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "target_session_attrs",
    "channel_binding",
    "sslnegotiation",
];

/// Whether and how the server's certificate is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verify {
    /// Not at all: encryption only.
    Nothing,
    /// It was issued by somebody who is trusted.
    Chain(Option<PathBuf>),
    /// And it is for this host.
    Full(Option<PathBuf>),
}

/// How the connection is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// As it is.
    Plain,
    /// Encrypted (or, for `prefer`, if the server can).
    Tls(Verify),
}

/// The database and how to get there.
pub(super) struct Target {
    /// For the client library.
    pub config: Config,
    /// Encryption.
    pub transport: Transport,
    /// What the operator should know about it.
    pub notes: Vec<String>,
}

/// Where settings come from; the environment, in earnest.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Target {
    /// Reads the environment.
    pub(super) fn from_environment() -> Result<Self, String> {
        Self::from_lookup(&|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    /// The host as it is named, the machine's own where it is a socket.
    pub(super) fn host(&self) -> String {
        match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            Some(Host::Unix(_)) | None => "this machine".to_owned(),
        }
    }

    /// The host, with its port where that is not the usual one.
    pub(super) fn place(&self) -> String {
        match self.config.get_ports().first() {
            Some(port) if *port != 5432 => format!("{}:{port}", self.host()),
            _ => self.host(),
        }
    }

    /// How long a connection may take as a whole, over all hosts.
    pub(super) fn patience(&self) -> Duration {
        let one = *self
            .config
            .get_connect_timeout()
            .unwrap_or(&CONNECT_TIMEOUT);
        let hosts = u32::try_from(self.config.get_hosts().len().max(1)).unwrap_or(1);
        one.saturating_mul(hosts)
    }

    /// Where it leads and how, without a secret: `orders on db-1:5433 as ana, encrypted`.
    fn words(&self) -> String {
        let user = self.config.get_user().unwrap_or("nobody");
        let name = self.config.get_dbname().unwrap_or(user);
        let how = match (&self.transport, self.config.get_ssl_mode()) {
            (Transport::Plain, _) => "",
            (Transport::Tls(_), SslMode::Prefer) => ", encrypted if the server can",
            (Transport::Tls(Verify::Nothing), _) => ", encrypted",
            (Transport::Tls(Verify::Chain(_)), _) => ", encrypted, certificate checked",
            (Transport::Tls(Verify::Full(_)), _) => ", encrypted, certificate and name checked",
        };
        format!("{name} on {} as {user}{how}", self.place())
    }

    fn from_lookup(lookup: Lookup<'_>) -> Result<Self, String> {
        let given = Given::from_lookup(lookup)?;
        let mut config = Config::from_str(&given.text).map_err(|error| {
            let from = &given.from;
            format!("{from} cannot be read: {}", super::chain(&error))
        })?;
        fill_in(&mut config, lookup)?;
        let mode = given.ssl_mode.or_else(|| lookup("PGSSLMODE"));
        let root = given
            .ssl_root
            .or_else(|| lookup("PGSSLROOTCERT"))
            .map(PathBuf::from);
        let transport = transport(
            &mut config,
            mode.as_deref().unwrap_or("prefer"),
            root,
            lookup,
        )?;
        let mut notes = given.notes;
        if config.get_password().is_none() {
            notes.extend(find_password(&mut config, lookup));
        }
        if lookup("PGSSLCERT").is_some() {
            let note = "PGSSLCERT means nothing here: for a server that wants a certificate of \
                        yours, run it by psql";
            notes.push(note.to_owned());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        // A server that is gone without a word is noticed within a minute or so.
        if config.get_keepalives_idle() > KEEPALIVE {
            config.keepalives_idle(KEEPALIVE);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(Duration::from_secs(10));
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(3);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(KEEPALIVE * 2);
        }
        Ok(Self {
            config,
            transport,
            notes,
        })
    }
}

/// Where SQL would go with these additions to the environment, in words, without connecting.
///
/// # Errors
/// What of it cannot be read.
pub fn describe(additions: &[(String, String)]) -> Result<String, String> {
    let lookup = |name: &str| {
        let added = additions.iter().rev().find(|(key, _)| key == name);
        let value = added.map(|(_, value)| value.clone());
        value
            .or_else(|| env::var(name).ok())
            .filter(|value| !value.is_empty())
    };
    Target::from_lookup(&lookup).map(|target| target.words())
}

/// What a URL says, taken apart as far as the client library cannot.
#[derive(Default)]
struct Given {
    /// What it was taken from, for messages.
    from: String,
    text: String,
    ssl_mode: Option<String>,
    ssl_root: Option<String>,
    notes: Vec<String>,
}

impl Given {
    /// The connection that the plan names; else what the environment says.
    fn from_lookup(lookup: Lookup<'_>) -> Result<Self, String> {
        if let Some(url) = lookup(CONNECTION_URL) {
            return Ok(Self::from_url(
                "the plan's connection",
                &expand(&url, lookup)?,
            ));
        }
        if let Some(name) = lookup(CONNECTION_SERVICE) {
            return Self::from_service(&name, lookup);
        }
        if let Some(url) = lookup("DATABASE_URL") {
            return Ok(Self::from_url("DATABASE_URL", &url));
        }
        lookup("PGSERVICE").map_or_else(
            || Ok(Self::default()),
            |name| Self::from_service(&name, lookup),
        )
    }

    fn from_service(name: &str, lookup: Lookup<'_>) -> Result<Self, String> {
        let mut given = Self {
            from: format!("the service {name}"),
            ..Self::default()
        };
        for (key, value) in service(name, lookup)? {
            match key.as_str() {
                "sslmode" => given.ssl_mode = Some(value),
                "sslrootcert" => given.ssl_root = Some(value),
                key if KNOWN.contains(&key) => {
                    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
                    let _ = write!(given.text, "{key}='{quoted}' ");
                }
                key => {
                    let note = format!("`{key}` of the service {name} means nothing here");
                    given.notes.push(note);
                }
            }
        }
        Ok(given)
    }

    fn from_url(from: &str, url: &str) -> Self {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut given = Self {
            from: from.to_owned(),
            ..Self::default()
        };
        if !base.contains("://") {
            url.clone_into(&mut given.text);
            return given;
        }
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name {
                "sslmode" => given.ssl_mode = Some(value.to_owned()),
                "sslrootcert" => given.ssl_root = Some(value.replace("%2F", "/")),
                name if KNOWN.contains(&name) => kept.push(pair),
                name => given
                    .notes
                    .push(format!("`{name}` in {from} means nothing here")),
            }
        }
        let mark = if kept.is_empty() { "" } else { "?" };
        // `postgresql+asyncpg://` names a driver as well, which means nothing here.
        let base = match base.split_once("://") {
            Some((scheme, rest)) => {
                let scheme = scheme.split('+').next().unwrap_or(scheme);
                format!("{scheme}://{rest}")
            }
            None => base.to_owned(),
        };
        given.text = format!("{base}{mark}{}", kept.join("&"));
        given
    }
}

fn fill_in(config: &mut Config, lookup: Lookup<'_>) -> Result<(), String> {
    let addresses = lookup("PGHOSTADDR").filter(|_| config.get_hostaddrs().is_empty());
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let hosts = lookup("PGHOST").or_else(|| addresses.clone());
        for host in hosts.unwrap_or_else(default_host).split(',') {
            config.host(host);
        }
    }
    for address in addresses.iter().flat_map(|all| all.split(',')) {
        let said = |_| format!("PGHOSTADDR is not an address: {address}");
        config.hostaddr(address.trim().parse().map_err(said)?);
    }
    if config.get_ports().is_empty()
        && let Some(ports) = lookup("PGPORT")
    {
        for port in ports.split(',') {
            config.port(
                port.parse()
                    .map_err(|_| format!("PGPORT is not a port: {port}"))?,
            );
        }
    }
    let user = || {
        lookup("PGUSER")
            .or_else(|| lookup("USER"))
            .or_else(|| lookup("LOGNAME"))
    };
    if let (None, Some(user)) = (config.get_user(), user()) {
        config.user(user);
    }
    if let (None, Some(name)) = (config.get_dbname(), lookup("PGDATABASE")) {
        config.dbname(name);
    }
    if let (None, Some(password)) = (config.get_password(), lookup("PGPASSWORD")) {
        config.password(password);
    }
    if let (None, Some(options)) = (config.get_options(), lookup("PGOPTIONS")) {
        config.options(options);
    }
    let timeout = lookup("PGCONNECT_TIMEOUT").and_then(|seconds| seconds.parse().ok());
    if let (None, Some(seconds)) = (config.get_connect_timeout(), timeout) {
        config.connect_timeout(Duration::from_secs(seconds));
    }
    if config.get_application_name().is_none() {
        config.application_name(lookup("PGAPPNAME").unwrap_or_else(|| "backout".to_owned()));
    }
    Ok(())
}

/// libpq's default is a socket directory, which distributions put in different places.
fn default_host() -> String {
    let found = ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|dir| Path::new(dir).join(".s.PGSQL.5432").exists());
    found.unwrap_or("localhost").to_owned()
}

fn transport(
    config: &mut Config,
    mode: &str,
    root: Option<PathBuf>,
    lookup: Lookup<'_>,
) -> Result<Transport, String> {
    let root = root.or_else(|| {
        let found = PathBuf::from(lookup("HOME")?).join(".postgresql/root.crt");
        found.exists().then_some(found)
    });
    let root = root.filter(|root| root.as_os_str() != "system");
    let (ssl_mode, transport) = match mode {
        "disable" => (SslMode::Disable, Transport::Plain),
        "allow" | "prefer" => (SslMode::Prefer, Transport::Tls(Verify::Nothing)),
        "require" => {
            let verify = root.map_or(Verify::Nothing, |root| Verify::Chain(Some(root)));
            (SslMode::Require, Transport::Tls(verify))
        }
        "verify-ca" => (SslMode::Require, Transport::Tls(Verify::Chain(root))),
        "verify-full" => (SslMode::Require, Transport::Tls(Verify::Full(root))),
        other => return Err(format!("sslmode is not known: {other}")),
    };
    let local = config
        .get_hosts()
        .iter()
        .all(|host| matches!(host, Host::Unix(_)));
    if local && !config.get_hosts().is_empty() {
        config.ssl_mode(SslMode::Disable);
        return Ok(Transport::Plain);
    }
    config.ssl_mode(ssl_mode);
    Ok(transport)
}

/// The first line of the password file that fits; a file that others can read is passed over, and
/// said.
fn find_password(config: &mut Config, lookup: Lookup<'_>) -> Option<String> {
    let path = lookup("PGPASSFILE")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(lookup("HOME")?).join(".pgpass")));
    let path = path?;
    let mode = fs::metadata(&path).ok()?.permissions().mode();
    if mode.trailing_zeros() < 6 {
        let place = path.display();
        return Some(format!(
            "{place} was passed over, for others can read it: chmod 600 {place}"
        ));
    }
    let text = fs::read_to_string(&path).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config
        .get_ports()
        .first()
        .copied()
        .unwrap_or(5432)
        .to_string();
    let user = config.get_user().unwrap_or_default().to_owned();
    let name = config.get_dbname().unwrap_or(&user).to_owned();
    let wanted = [host, port, name, user];
    if let Some(password) = text.lines().find_map(|line| matching(line, &wanted)) {
        config.password(password);
    }
    None
}

fn matching(line: &str, wanted: &[String; 4]) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let mut fields = fields(line).into_iter();
    for value in wanted {
        let field = fields.next()?;
        if field != "*" && field != *value {
            return None;
        }
    }
    fields.next()
}

/// Fields between colons; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else {
            break;
        };
        match c {
            '\\' => field.extend(chars.next()),
            ':' => fields.push(String::new()),
            other => field.push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(settings: &[(&str, &str)]) -> Result<Target, String> {
        let found = |name: &str| {
            settings
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Target::from_lookup(&found)
    }

    #[test]
    fn a_url_is_read_and_foreign_parameters_are_said() {
        let url = "postgresql://ana:pw@db.example:6000/shop?schema=public&sslmode=verify-full";
        let target = target(&[("DATABASE_URL", url), ("PGUSER", "other")]).unwrap();
        assert_eq!(target.config.get_user(), Some("ana"));
        assert_eq!(target.config.get_ports(), [6000]);
        assert_eq!(target.transport, Transport::Tls(Verify::Full(None)));
        assert!(target.notes[0].contains("schema"));
    }

    #[test]
    fn the_variables_fill_in_and_a_socket_is_never_encrypted() {
        let settings = [
            ("PGHOST", "/run/pg"),
            ("PGPORT", "6001"),
            ("PGUSER", "ben"),
            ("PGDATABASE", "shop"),
        ];
        let target = target(&settings).unwrap();
        assert_eq!(target.config.get_hosts(), [Host::Unix("/run/pg".into())]);
        assert_eq!(target.transport, Transport::Plain);
        assert_eq!(target.config.get_dbname(), Some("shop"));
    }

    #[test]
    fn a_driver_in_the_scheme_and_an_address_beside_the_name_are_understood() {
        let url = "postgresql+asyncpg://ana:pw@db.example/shop";
        let found = target(&[("DATABASE_URL", url), ("PGHOSTADDR", "127.0.0.1")]).unwrap();
        assert_eq!(found.config.get_hosts(), [Host::Tcp("db.example".into())]);
        assert_eq!(found.config.get_hostaddrs()[0].to_string(), "127.0.0.1");
        assert_eq!(found.config.get_dbname(), Some("shop"));
        assert!(target(&[("PGHOSTADDR", "nowhere")]).is_err());
        let found = target(&[("PGSSLCERT", "/x.crt")]).unwrap();
        assert!(found.notes[0].contains("PGSSLCERT"));
    }

    #[test]
    fn a_nonsense_mode_or_port_is_refused() {
        assert!(target(&[("PGSSLMODE", "maybe")]).is_err());
        assert!(target(&[("PGPORT", "many")]).is_err());
    }

    #[test]
    fn the_password_file_is_read_as_libpq_does() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pass");
        fs::write(&path, "# no\nother:*:*:*:wrong\ndb:5432:shop:ana:p\\:w\n").unwrap();
        let settings = [
            ("PGPASSFILE", path.to_str().unwrap()),
            ("PGHOST", "db"),
            ("PGUSER", "ana"),
            ("PGDATABASE", "shop"),
        ];
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let open = target(&settings).unwrap();
        assert_eq!(open.config.get_password(), None);
        assert!(open.notes[0].contains("chmod 600"), "{:?}", open.notes);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            target(&settings).unwrap().config.get_password(),
            Some("p:w".as_bytes())
        );
    }
}
