//! Connections: one by one, many at once, and what waits in the kernel of each.

mod connections;
mod crowds;
mod queues;
