//! Makes sure that there is a folder to embed the console from. Its files are made by `npm run build` in
//! `web-admin`, which a machine without Node cannot run: without them the server says so on a page.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web-admin/dist");
    std::fs::create_dir_all(&folder)?;
    // Without optimisation the files are read when they are asked for, and nothing need be built anew.
    let embedded = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let watched = if embedded { folder } else { Path::new("build.rs").to_path_buf() };
    println!("cargo:rerun-if-changed={}", watched.display());
    Ok(())
}
