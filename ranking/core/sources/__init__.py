"""Where candidates come from. Each source says what it brings, and why."""
