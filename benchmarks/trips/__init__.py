"""Trip detection: how right, how robust, how fast."""
