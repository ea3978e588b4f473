"""Two sets of series side by side: statistics, bars, tables and figures."""
