//! Servers to compare with, in processes of their own: the bench starts itself once more, with a
//! plan of what to serve.

use std::{
    fs,
    io::Read,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
    time::Duration,
};

use actix_web::{App, HttpServer, rt::System, web::ServiceConfig};
use serde::{Deserialize, Serialize};

use crate::{bare, cold, process::Process};

/// What tells the process that it is one of these.
pub const ROLE: &str = "serve-plan";
/// As the program keeps idle connections.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// What a process is to serve, and with how many threads.
#[derive(Serialize, Deserialize)]
pub struct Plan {
    pub workers: usize,
    pub what: What,
}

#[derive(Serialize, Deserialize)]
pub enum What {
    /// The same answers as a server gives for these paths, from memory.
    Bare {
        origin: SocketAddr,
        paths: Vec<String>,
    },
    /// One query for each request, on a pool of so many connections.
    Cold { database: String, pool: u32 },
}

/// Starts a process with a plan.
pub fn start(plan: &Plan, folder: &Path) -> Process {
    let path = folder.join("plan.json");
    fs::write(&path, serde_json::to_vec(plan).unwrap()).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    Process::start(command.arg(ROLE).arg(&path))
}

/// Serves by the plan in this file, till the bench ends.
pub fn serve(plan: &str) {
    std::thread::spawn(|| {
        // The bench holds the other end and never writes.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let plan: Plan = serde_json::from_slice(&fs::read(plan).unwrap()).unwrap();
    match plan.what {
        What::Bare { origin, paths } => run(plan.workers, bare::routes(origin, paths)),
        What::Cold { database, pool } => run(plan.workers, cold::routes(&database, pool)),
    }
}

fn run(workers: usize, routes: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    System::new().block_on(async move {
        let server = HttpServer::new(move || App::new().configure(routes.clone()))
            .workers(workers)
            .keep_alive(KEEP_ALIVE)
            .tcp_nodelay(true)
            .listen(listener)
            .unwrap()
            .run();
        println!("http://{address}");
        server.await.unwrap();
    });
}
