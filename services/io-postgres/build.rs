//! Embedded migrations are not among the files that cargo watches by itself.
fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=../../infra");
}
