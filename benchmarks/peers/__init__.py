"""Other people's CAs, installed and run by the benchmark, as an operator would run them."""
