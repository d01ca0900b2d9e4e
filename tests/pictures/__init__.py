"""The pictures that the README shows, taken anew by `make pictures`."""
