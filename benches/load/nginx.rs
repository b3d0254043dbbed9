//! The same answers as files that nginx serves, where it is installed.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use crate::{Bench, client::Client, hot::CODING, process::Process};

/// Starts nginx on the answers that a server gives for these paths.
pub fn start(bench: &Bench, origin: SocketAddr, paths: &[String]) -> Option<Process> {
    let prefix = bench.folder.path().join("nginx");
    fs::create_dir_all(prefix.join("files")).unwrap();
    let mut client = Client::new(origin);
    let mut map = String::new();
    for (number, path) in paths.iter().enumerate() {
        let file = prefix.join(format!("files/{number}.json"));
        let plain = client.get(path, &[]).must_be(200, path);
        fs::write(&file, &plain.body).unwrap();
        let coded = client.get(path, &[("Accept-Encoding", CODING)]);
        // Small ones are not compressed by the server either.
        if coded.header("content-encoding") == Some(CODING) {
            fs::write(file.with_extension("json.gz"), &coded.body).unwrap();
        }
        map += &format!("        \"{path}\" /{number}.json;\n");
    }
    let address = free();
    let settings = settings(&prefix, address, bench.workers(), &map);
    fs::write(prefix.join("nginx.conf"), settings).unwrap();
    if let Err(cause) = checked(&prefix) {
        println!("nginx is left out: {cause}");
        return None;
    }
    let mut ending = command(&prefix);
    ending.args(["-s", "stop"]).stderr(Stdio::null());
    let nginx = Process::start_at(&mut command(&prefix), address, Some(ending));
    nginx.wait_for(&paths[0]);
    Some(nginx)
}

/// An address that nobody listens on.
fn free() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap()
}

fn command(prefix: &Path) -> Command {
    let mut command = Command::new("nginx");
    // Its own log, from the first line on.
    command.args(["-e", "stderr", "-c", "nginx.conf"]);
    command.arg("-p").arg(format!("{}/", prefix.display()));
    command
}

/// Why it can't be started, if it can't.
fn checked(prefix: &Path) -> Result<(), String> {
    let output = match command(prefix).arg("-t").output() {
        Ok(output) => output,
        Err(_) => return Err("it is not installed".to_owned()),
    };
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn settings(prefix: &Path, address: SocketAddr, workers: usize, map: &str) -> String {
    // Its workers would else be of another user, who can't read the folder.
    let user = match fs::metadata(prefix).map(|metadata| metadata.uid()) {
        Ok(0) => "user root;",
        _ => "",
    };
    format!(
        "daemon off;
{user}
worker_processes {workers};
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path temp;
    proxy_temp_path temp;
    fastcgi_temp_path temp;
    uwsgi_temp_path temp;
    scgi_temp_path temp;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    gzip_static on;
    gzip_vary on;
    open_file_cache max=20000 inactive=1h;
    open_file_cache_valid 1h;
    map_hash_max_size 65536;
    map_hash_bucket_size 1024;
    map $request_uri $file {{
        default \"\";
{map}    }}
    server {{
        listen {address} backlog=1024;
        root files;
        location / {{ try_files $file =404; }}
    }}
}}
"
    )
}
