"""The districts of the city whose agencies enrol units (ACT-04), by short name.

Their names in both languages stand in the catalogues under ``district.<name>``.
"""

DISTRICTS = (
    "jiangan",
    "jianghan",
    "qiaokou",
    "hanyang",
    "wuchang",
    "qingshan",
    "hongshan",
    "dongxihu",
    "hannan",
    "caidian",
    "jiangxia",
    "huangpi",
    "xinzhou",
    "donghu",
)
