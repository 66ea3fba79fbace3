"""Questions about other things, from every walk of life, so that few of them can be about any one index. Knows nothing."""

from __future__ import annotations

FOREIGN = {
    "zh": (
        "红烧肉怎么做才好吃？", "昨天的足球比赛谁赢了？", "从北京到上海的高铁要多长时间？", "感冒了应该吃什么药？", "唐朝的首都在哪里？",
        "今年的个人所得税起征点是多少？", "如何给猫洗澡？", "世界上最高的山是哪座？", "明天会下雨吗？", "怎样申请护照？",
        "这首歌的作者是谁？", "咖啡豆应该怎么保存？", "房贷利率最近有什么变化？", "学游泳要注意什么？", "红楼梦的主角是谁？",
        "哪家餐厅的火锅最好？", "长城是哪个朝代修建的？", "光合作用发生在植物的哪个部位？", "第一次世界大战是什么时候爆发的？",
        "法国总统的任期有多长？", "鲸鱼为什么要到海面上呼吸？", "哪种矿物的硬度最高？", "贝多芬一共写了多少首交响曲？",
        "地球离太阳有多远？", "谁发明了电话？", "非洲人口最多的国家是哪个？", "离婚时财产如何分割？", "羽毛球双打怎样计分？",
        "小麦应该在什么季节播种？", "汽车的机油多久换一次？", "肝脏在人体里起什么作用？", "巴西的官方语言是什么？",
        "钢琴有多少个琴键？", "地震发生时应该躲在哪里？", "莎士比亚的代表作有哪些？", "通货膨胀是怎样产生的？",
        "蜜蜂如何酿造蜂蜜？", "佛教是什么时候传入中国的？", "水在高原上多少度沸腾？", "奥运会每隔几年举办一次？",
        "路由器怎样设置端口转发？", "公钥加密的原理是什么？", "固态硬盘和机械硬盘有什么区别？", "怎样用电子表格画折线图？",
        "显示器的刷新率是什么意思？", "卫星定位系统怎样计算位置？", "发电机怎样把机械能变成电能？", "质数有无穷多个吗？",
    ),
    "en": (
        "How do I bake sourdough bread?", "Who won the football match yesterday?", "How long is the train from Paris to London?",
        "What medicine helps against a cold?", "What was the capital of the Roman Empire?", "How much income tax do I have to pay?",
        "How should a cat be washed?", "What is the highest mountain in the world?", "Will it rain tomorrow?",
        "How do I apply for a passport?", "Who composed this song?", "How should coffee beans be stored?",
        "How did mortgage rates change lately?", "What should I watch out for when learning to swim?", "Who is the hero of Hamlet?",
        "Which restaurant serves the best hotpot?", "Which dynasty built the Great Wall?", "Where in a plant does photosynthesis take place?",
        "When did the First World War break out?", "How long is the term of the French president?", "Why do whales come to the surface to breathe?",
        "Which mineral is the hardest?", "How many symphonies did Beethoven write?", "How far is the earth from the sun?",
        "Who invented the telephone?", "Which African country has the largest population?", "How is property divided in a divorce?",
        "How are points counted in a badminton double?", "In which season is wheat sown?", "How often must the engine oil of a car be changed?",
        "What does the liver do in the human body?", "What is the official language of Brazil?", "How many keys does a piano have?",
        "Where should one hide during an earthquake?", "What are the best known plays of Shakespeare?", "What causes inflation?",
        "How do bees make honey?", "When did Buddhism come to China?", "At what temperature does water boil in the mountains?",
        "How often are the Olympic Games held?", "How do I set up port forwarding on a router?", "What is the principle of public key encryption?",
        "How do solid state drives and hard disks differ?", "How do I draw a line chart in a spreadsheet?",
        "What does the refresh rate of a display mean?", "How does satellite navigation compute a position?",
        "How does a generator turn motion into electricity?", "Are there infinitely many prime numbers?",
    ),
}  # fmt: skip
