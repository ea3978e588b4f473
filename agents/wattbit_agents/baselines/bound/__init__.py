"""The bound: what no policy can cost less than, from an oracle's plan, its prices, and a search over cars' days."""
