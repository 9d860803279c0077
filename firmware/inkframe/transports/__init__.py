"""Ways to the host: one module each, with a class `Transport` whose one method is `fetch`."""
