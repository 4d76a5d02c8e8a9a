"""The words of the mails that jobs send, which know no other pages."""
