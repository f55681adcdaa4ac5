//! `postern`: see the library.

/// A request makes and drops some dozens of futures of many sizes; the system's allocator takes a fifth
/// of the server's time for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    app::main()
}
