mod faults;
mod happy;
mod interruptions;
mod pair;
mod programs;
mod writer;
