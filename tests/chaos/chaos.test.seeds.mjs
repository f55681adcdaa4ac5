// The seeds of `make test`: thirty, with every kind of fault at least twice (schedule.test.mjs).

export const SEEDS = Array.from({ length: 30 }, (_, number) => 500_011 + number);
