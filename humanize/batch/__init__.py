"""Many files: sources, jobs, reports, and the engines that run them."""
