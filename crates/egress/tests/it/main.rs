#![cfg(test)]

mod operator;
