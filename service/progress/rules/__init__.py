"""Pure decisions about progress: history, forecast, what needs someone."""
