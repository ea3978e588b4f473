"""The world as a linear program: its bound, its shadow prices, and controllers that plan with it."""
