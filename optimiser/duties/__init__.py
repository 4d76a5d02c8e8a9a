"""Who drives what: trips onto single vehicles, with their batteries and their days."""
