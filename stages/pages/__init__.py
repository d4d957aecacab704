"""The pages that people look at. A page is the skeleton and its sections; one file a page.

Pages take tables (`facts`) and give files: HTML, data as classic scripts, sheets of thumbnails. They read
nothing but their own templates and assets, and every headline number on them comes from `metrics.json`.
"""
