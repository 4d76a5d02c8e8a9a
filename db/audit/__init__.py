"""The audit log: every act of a person leaves an entry, in the transaction that does it"""
