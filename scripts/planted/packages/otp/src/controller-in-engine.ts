import '../../controller/src/good.ts'
