"""Pure ASGI layers around every application of the house; `stack` puts them in order."""
