"""A world small enough to be solved exactly: two stocks, one area, a price that is a Markov chain."""
