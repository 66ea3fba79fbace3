"""Questions about everything, in two languages, from which the mean of a question is taken. Knows nothing.

The broader they are, the nearer their mean comes to that of real questions: sixteen questions without a subject came to a
cosine of .60 to .66 with the mean of XQuAD's, these and the like to .87, worth two points of recall across languages.
"""

from __future__ import annotations

QUESTIONS = {
    "zh": (
        "这座桥是谁设计的？", "这种鸟主要吃什么？", "公司在哪一年上市？", "该病毒通过什么途径传播？", "这部小说讲了一个什么故事？",
        "他为什么辞去了职务？", "这项法律保护哪些人的权利？", "城市的人口有多少？", "火车站在河的哪一边？", "这个算法的复杂度是多少？",
        "国王死后由谁继承王位？", "这种材料有哪些优点？", "实验的结果说明了什么？", "球队最后得了第几名？", "这座山有多高？",
        "怎样判断一个数是不是素数？", "教堂是用什么建造的？", "她最有名的作品是哪一部？", "这种方法和传统方法有什么不同？",
        "战争持续了多少年？", "植物怎样获得水分？", "该组织的总部设在哪里？", "药物有哪些副作用？", "模型需要多少训练数据？",
        "谁提出了这个理论？", "货币从什么时候开始使用？", "这个词是什么意思？", "机器由哪几个部分组成？", "政府采取了什么措施？",
        "为什么冬天白天比夏天短？", "合同里规定了什么义务？", "学生需要满足哪些条件？", "这条河流入哪个海？", "该软件支持哪些系统？",
        "人们用什么语言交流？", "电影的导演是谁？", "这种疾病的症状有哪些？", "协议在哪里签署？", "什么因素影响了价格？", "如何安装和使用它？",
        "这个问题应该怎么解决？", "什么时候开始的？", "为什么会这样？", "谁写了这本书？",
        "两者有什么区别？", "这种方法有哪些优点？", "一共有多少人参加？", "在哪里可以找到？",
        "它是如何工作的？", "哪些文章介绍了这个主题？", "请说明主要步骤。", "作者的结论是什么？",
        "需要准备什么？", "最大的城市是哪个？", "这部电影讲了什么？", "实验结果怎么样？",
    ),
    "en": (
        "Who designed the bridge?", "What does this bird mainly eat?", "In which year did the company go public?", "How does the virus spread?",
        "What is the novel about?", "Why did he resign from his office?", "Whose rights does the law protect?", "How many people live in the city?",
        "On which side of the river is the station?", "What is the complexity of the algorithm?", "Who inherited the throne after the king died?",
        "What are the advantages of this material?", "What did the results of the experiment show?", "Which place did the team finish in?",
        "How high is the mountain?", "How can one tell whether a number is prime?", "What was the church built of?", "What is her best known work?",
        "How does this method differ from the traditional one?", "How many years did the war last?", "How do plants get their water?",
        "Where does the organisation have its headquarters?",
        "What side effects does the drug have?", "How much training data does the model need?",
        "Who proposed the theory?", "Since when has the currency been in use?", "What does the word mean?",
        "Which parts does the machine consist of?",
        "What measures did the government take?", "Why are days shorter in winter than in summer?", "What duties does the contract set out?",
        "Which conditions must students meet?", "Into which sea does the river flow?", "Which systems does the software support?",
        "What language do people speak there?", "Who directed the film?", "What are the symptoms of the disease?", "Where was the treaty signed?",
        "Which factors influence the price?", "How is it installed and used?",
        "How should this problem be solved?", "When did it begin?", "Why is that the case?",
        "Who wrote the book?", "What is the difference between the two?",
        "What are the advantages of this method?", "How many people took part?", "Where can it be found?",
        "How does it work?", "Which articles introduce this topic?", "Describe the main steps.",
        "What did the author conclude?", "What is needed to prepare?", "Which city is the largest?",
        "What is the film about?", "What were the results of the experiment?",
    ),
}  # fmt: skip
