"""Drives of SharePoint and OneDrive, through Microsoft Graph."""
