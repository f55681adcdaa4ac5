//! A stack as deep as a server's.

/// What `app` gives its threads, in bytes; scripts/test.sh gives it to every test.
const STACK_BYTES: usize = 16 << 20;

/// Runs a test where the server runs requests. Resolvers nest deep, and unoptimised each level takes tens of
/// kilobytes: more than the 2 MiB of a test's thread.
///
/// # Panics
/// Where the test does, or there is no thread to be had.
pub fn on_a_servers_stack<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let run = move || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.thread_stack_size(STACK_BYTES).enable_all().build().expect("a runtime").block_on(test());
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}
