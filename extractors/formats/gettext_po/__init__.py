"""Gettext PO files whose msgctxt is the canonical unit key, as translators' tools take them."""
