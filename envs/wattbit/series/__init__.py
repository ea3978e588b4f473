"""Series: readers of real files, the embedded set, splits and forecasts."""
