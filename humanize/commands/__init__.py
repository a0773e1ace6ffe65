"""One module per subcommand, each with a click object named ``command``."""
