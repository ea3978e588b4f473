"""Series: readers of real files, generated years, splits and forecasts."""
