"""What customers did, as a journey: event log, stages, flows and answers, without a browser."""
