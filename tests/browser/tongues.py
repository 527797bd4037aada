"""The two languages of the pages: what a person presses and reads in English, and the same in Chinese.

Written by hand, as people read it: a page that says something else, or says it in the wrong language, is not found.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_IN_CHINESE = {
    # places
    "Where you are": "您的位置",
    "Participants": "受试者",
    "Register a participant": "登记受试者",
    "Enter a fact": "录入记录",
    "Open the therapy table": "打开治疗表",
    "Plan": "计划",
    "Stages": "阶段",
    "Deviations": "方案偏离",
    "The same as a table": "以表格显示",
    "Other steps": "其他步骤",
    # forms
    "Register": "登记",
    "Subject number": "受试者编号",
    "Female": "女",
    "Date of birth": "出生日期",
    "Date": "日期",
    "Time of day": "时刻",
    "Version of the consent form (ICF)": "知情同意书（ICF）版本",
    "Yes": "是",
    "No": "否",
    "Adequate": "足够",
    "Negative": "阴性",
    "Value": "数值",
    "Upper limit of normal": "正常值上限",
    "What it was": "类别",
    "Name or agent": "名称或药物",
    "Medication": "用药",
    "Your password": "您的密码",
    "Reason": "原因",
    "Save": "保存",
    "Save the panel": "保存全部结果",
    "Save; nobody is told at once": "保存（无需立即告知）",
    "Record it and move %s to “%s”": "记录，并将 %s 转入“%s”",
    # what the gate offers
    "Record: %s": "记录：%s",
    "Enter results": "录入实验室结果",
    "Answer the questions": "回答问题",
    "Sample drawn now: %s": "刚刚采样：%s",
    "Sample with its time…": "采样并填写时间…",
    "Enter the result": "录入结果",
    "Document look-back": "记录核查",
    "None since the last look": "自上次核查以来无",
    "Plan…": "计划…",
    # what the gate says
    "%s?": "是否可以%s？",
    "Not yet": "尚不可以",
    "Not allowed": "不允许",
    "Back without saving": "返回，不保存",
    "Stale": "已失效",
    "now": "现在",
    "1 of 2 conditions are open.": "共 2 项条件，1 项未满足。",
    # steps and stages
    "Enrol": "入组",
    "Start leukapheresis": "开始白细胞单采",
    "Start lymphodepletion": "开始淋巴细胞清除",
    "Start infusion": "开始回输",
    "Start follow-up": "开始随访",
    "Screening": "筛选期",
    "Enrolled": "已入组",
    "Leukapheresis": "白细胞单采",
    "Lymphodepletion": "淋巴细胞清除",
    "Infusion": "回输",
    "Follow-up": "随访",
    "Complete the study": "完成研究",
    # what the roles differ in
    "Today": "今天",
    "Alerts": "提醒",
    "Messages": "消息",
    "Who is there": "人员在岗情况",
    "Screening log": "筛选日志",
    "Laboratories": "实验室",
    "Audit trail": "稽查轨迹",
    "Add participant": "增加受试者",
    "Set the date…": "安排日期…",
    "Record…": "记录…",
    "Acknowledge": "知悉",
    "Put on hold…": "设置暂停…",
    "End the hold…": "解除暂停…",
    "Record a death": "记录死亡",
    "Open the deviation": "打开方案偏离",
    "Write cause, impact and action": "填写原因、影响和措施",
    "Sign and close…": "签名并关闭…",
    "Save a complete copy": "导出完整副本",
    "Put on call…": "安排值班…",
    "3e8 CAR+ cells": "3e8 CAR+ cells",
    # what is recorded
    "Informed consent signed": "签署知情同意书",
    "Diffuse systemic sclerosis, 2013 ACR criteria met": "弥漫性系统性硬化症，符合2013年ACR标准",
    "Refractory disease": "难治性疾病",
    "Vascular access for leukapheresis": "单采血管通路",
    "Woman of childbearing potential": "育龄期女性",
    "Undertaking of contraception or abstinence": "承诺避孕或禁欲",
    "In lactation": "处于哺乳期",
    "Look-back for infections": "感染史核查",
    "Left ventricular ejection fraction": "左室射血分数",
    "Enrolment": "入组",
    "Leukapheresis started": "白细胞单采开始",
    "Leukapheresis completed": "白细胞单采完成",
    "Manufacturing started": "开始生产",
    "Product released": "产品放行",
    "First dose of lymphodepletion": "淋巴细胞清除首次给药",
    "Further dose of lymphodepletion": "淋巴细胞清除后续给药",
    "Lymphodepletion completed": "淋巴细胞清除完成",
    "Infusion started": "回输开始",
    "Infusion completed": "回输完成",
    "Infusion cancelled": "回输取消",
    "Follow-up started": "随访开始",
    "Serum β-hCG": "血清β-hCG",
    "Product accepted out of specification": "决定使用超标产品",
    # clauses
    "No transfusion within 7 days before the eligibility assessment": "入选资格评估前7天内未输血",
    "Serum β-hCG negative within 48 h before the first dose": "首次给药前48小时内血清β-hCG阴性",
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language, asked for its words by the English ones. Raises KeyError for what nobody translated above."""

    code: str
    words: Mapping[str, str]

    def __call__(self, english: str, *filled: str) -> str:
        """What the pages say, with the words that are filled in, in their order."""
        return self.words[english] % filled if filled else self.words[english]


ENGLISH = Tongue("en", {english: english for english in _IN_CHINESE})
CHINESE = Tongue("zh-hans", _IN_CHINESE)
