"""Every new text enters through :mod:`.entering`, every decision through :mod:`.deciding`."""
