//! One file per language: what it is called, how it is probed, compiled and run.

pub(crate) mod awk;
pub(crate) mod bash;
pub(crate) mod c;
pub(crate) mod cpp;
pub(crate) mod csharp;
pub(crate) mod elixir;
pub(crate) mod fortran;
pub(crate) mod go;
pub(crate) mod java;
pub(crate) mod javascript;
pub(crate) mod lua;
pub(crate) mod nim;
pub(crate) mod ocaml;
pub(crate) mod perl;
pub(crate) mod php;
pub(crate) mod prolog;
pub(crate) mod python;
pub(crate) mod r;
pub(crate) mod ruby;
pub(crate) mod rust;
pub(crate) mod sql;
pub(crate) mod tcl;
pub(crate) mod typescript;
