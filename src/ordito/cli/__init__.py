"""The command line: everything an operator does. Each file is imported only when it is called."""
