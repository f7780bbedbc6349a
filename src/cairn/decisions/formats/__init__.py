"""Record files: reading every dialect of decision record, writing MADR 4. Pure: bytes in, values out."""
