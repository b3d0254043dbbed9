//! A port that hears nobody new, and still has those who had connected: closed at once, the system
//! would reset whom nobody has accepted yet.

use std::{io, net::TcpListener};

/// The beginnings of connections (SYN, RFC 9293 section 3.5) are thrown away from now on. Who sent
/// one tries again after a second (RFC 6298 section 2.1), and then meets the next process, or is
/// refused.
///
/// # Errors
///
/// The system can't do it.
#[cfg(target_os = "linux")]
pub(super) fn to_new_clients(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};

    /// Where the flags are in the header of a segment, and which of them is SYN (RFC 9293 section
    /// 3.1).
    const FLAGS: u32 = 13;
    const SYN: u32 = 0b10;
    // Instructions of the filter machine (linux/filter.h): load the byte at a place, jump if it
    // has any of these bits, return how much of the segment is kept.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_ANY: u16 = 0x45;
    const RETURN: u16 = 0x06;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_ANY, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

#[cfg(not(target_os = "linux"))]
pub(super) fn to_new_clients(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn who_had_connected_is_heard_and_nobody_new() {
        use std::{
            io::{ErrorKind, Read, Write},
            net::{TcpListener, TcpStream},
            time::Duration,
        };

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut before = TcpStream::connect(address).unwrap();
        super::to_new_clients(&listener).unwrap();
        let shortly = Duration::from_millis(200);
        let refusal = TcpStream::connect_timeout(&address, shortly).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::TimedOut);
        // Sent when the port heard nobody, on a connection that was not accepted then.
        before.write_all(b"still here").unwrap();
        let (mut accepted, _) = listener.accept().unwrap();
        let mut heard = [0; 10];
        accepted.read_exact(&mut heard).unwrap();
        assert_eq!(&heard, b"still here");
        accepted.write_all(b"answered").unwrap();
        drop((accepted, listener));
        let mut answer = String::new();
        before.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "answered");
        let refusal = TcpStream::connect(address).unwrap_err();
        assert_eq!(refusal.kind(), ErrorKind::ConnectionRefused);
    }
}
