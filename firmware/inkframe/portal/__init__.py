"""The page on which a device without a configuration is given one, over an access point of its own."""
