"""What serving costs, as ratios to bare floors; and how soon lists follow a taste that changes."""
