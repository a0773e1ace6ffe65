"""``python -m humanize``: the command where its script is not on the path."""

from humanize_command import main

if __name__ == "__main__":
    main()
