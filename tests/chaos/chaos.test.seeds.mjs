// The seeds of `make test`: twenty, with every kind of fault at least twice (schedule.test.mjs).

export const SEEDS = Array.from({ length: 20 }, (_, number) => 500_011 + number);
