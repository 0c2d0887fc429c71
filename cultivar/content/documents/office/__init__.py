"""What Office packages hold beside their text: sheets, remarks, furniture, files within."""
