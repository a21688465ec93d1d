mod faults;
mod happy;
mod interruptions;
mod modules;
mod pair;
mod programs;
mod writer;
