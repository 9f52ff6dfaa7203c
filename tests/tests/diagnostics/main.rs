//! What is said of sources that are wrong: case files that say it on the line, and the pages of the codes.

mod cases;
mod extension;
mod pages;
mod structs;
