"""Replies, and questions that wait for one."""
