"""What people run: settings, the command line, answers and logs. The only place that reads the clock."""
